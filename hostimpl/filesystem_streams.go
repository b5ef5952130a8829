package hostimpl

import (
	"io"

	"github.com/tenon-wasm/tenon/hostimpl/files"
	"github.com/tenon-wasm/tenon/sockets"
)

// readyAlways is the Waitable of what makes nobody wait.
type readyAlways struct{}

func (readyAlways) Ready() bool { return true }

func (readyAlways) Notify(ch chan<- struct{}) (stop func()) {
	poke(ch)
	return func() {}
}

// fileSource is a position in a file, from which one stream reads on.
type fileSource struct {
	readyAlways
	of    *opened
	file  files.File
	at    uint64
	size  uint64 // of the file, when it was last asked
	ended bool
}

// Pending implements measuredSource. The size of the file is asked for only where what is
// known of it does not do.
func (s *fileSource) Pending() int {
	if s.ended {
		return 0
	}
	if s.at+maxRead > s.size {
		info, err := s.file.Info()
		if err != nil || info.Kind != files.RegularFile {
			return 0
		}
		s.size = info.Size
	}
	if s.at >= s.size {
		return 0
	}
	return int(min(s.size-s.at, maxRead))
}

// Read implements source. A file that grows after its end was told stays at its end for
// this stream.
func (s *fileSource) Read(p []byte) (int, error) {
	if s.ended {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if s.at > maxOffset {
		s.ended = true
		return 0, files.Invalid
	}
	n, err := s.file.ReadAt(p[:min(uint64(len(p)), maxOffset-s.at)], int64(s.at))
	if n > 0 {
		s.at += uint64(n)
		return n, nil
	}
	s.ended = true
	if err == nil {
		err = io.EOF // at the last position there is
	}
	return 0, err
}

func (s *fileSource) Close() { _ = s.of.close() }

// fileSink is a position in a file, or its end, where one stream writes on. What Write has
// taken has been written.
type fileSink struct {
	readyAlways
	of     *opened
	file   files.File
	at     uint64
	append bool
	permit uint64
	ended  bool
}

func (s *fileSink) CheckWrite() (uint64, error) {
	if s.ended {
		return 0, io.ErrClosedPipe
	}
	s.permit = maxPermit
	return s.permit, nil
}

func (s *fileSink) Write(p []byte) error {
	n := uint64(len(p))
	switch {
	case s.ended:
		return io.ErrClosedPipe
	case n > s.permit:
		return &sockets.PermitError{Size: n, Permit: s.permit}
	}
	s.permit -= n
	err := s.put(p)
	s.ended = err != nil
	return err
}

func (s *fileSink) put(p []byte) error {
	if s.append {
		_, err := s.file.Append(p)
		return err
	}
	if s.at > maxOffset-uint64(len(p)) {
		return files.FileTooLarge
	}
	n, err := s.file.WriteAt(p, int64(s.at))
	s.at += uint64(n)
	return err
}

func (s *fileSink) Flush() error {
	if s.ended {
		return io.ErrClosedPipe
	}
	return nil
}

func (s *fileSink) Close() { _ = s.of.close() }
