package preview1

import (
	"context"
	"errors"
	"fmt"
	"slices"

	filesystem "github.com/tenon-wasm/tenon/hostimpl/bind/filesystem/types"
	"github.com/tenon-wasm/tenon/hostimpl/bind/io/streams"
	"github.com/tenon-wasm/tenon/hostimpl/bind/sockets/network"
)

// errno is an error code of preview 1.
type errno uint16

func (e errno) Error() string { return fmt.Sprintf("errno %d", uint16(e)) }

const (
	success      errno = 0
	eACCES       errno = 2
	eADDRINUSE   errno = 3
	eADDRNOTAVL  errno = 4
	eAGAIN       errno = 6
	eALREADY     errno = 7
	eBADF        errno = 8
	eBUSY        errno = 10
	eCONNABORTED errno = 13
	eCONNREFUSED errno = 14
	eCONNRESET   errno = 15
	eDEADLK      errno = 16
	eDQUOT       errno = 19
	eEXIST       errno = 20
	eFAULT       errno = 21
	eFBIG        errno = 22
	eHOSTUNREACH errno = 23
	eILSEQ       errno = 25
	eINPROGRESS  errno = 26
	eINTR        errno = 27
	eINVAL       errno = 28
	eIO          errno = 29
	eISDIR       errno = 31
	eLOOP        errno = 32
	eMFILE       errno = 33
	eMLINK       errno = 34
	eMSGSIZE     errno = 35
	eNAMETOOLONG errno = 37
	eNODEV       errno = 43
	eNOENT       errno = 44
	eNOLCK       errno = 46
	eNOMEM       errno = 48
	eNOSPC       errno = 51
	eNOTCONN     errno = 53
	eNOTDIR      errno = 54
	eNOTEMPTY    errno = 55
	eNOTRECOVER  errno = 56
	eNOTSOCK     errno = 57
	eNOTSUP      errno = 58
	eNOTTY       errno = 59
	eNXIO        errno = 60
	eOVERFLOW    errno = 61
	ePERM        errno = 63
	ePIPE        errno = 64
	eROFS        errno = 69
	eSPIPE       errno = 70
	eTIMEDOUT    errno = 73
	eTXTBSY      errno = 74
	eXDEV        errno = 75
	eNOTCAPABLE  errno = 76
)

// errnoNames are the names that preview 1 gives them.
var errnoNames = [...]string{
	"success", "toobig", "acces", "addrinuse", "addrnotavail", "afnosupport", "again", "already", "badf", "badmsg", "busy",
	"canceled", "child", "connaborted", "connrefused", "connreset", "deadlk", "destaddrreq", "dom", "dquot", "exist", "fault",
	"fbig", "hostunreach", "idrm", "ilseq", "inprogress", "intr", "inval", "io", "isconn", "isdir", "loop", "mfile", "mlink",
	"msgsize", "multihop", "nametoolong", "netdown", "netreset", "netunreach", "nfile", "nobufs", "nodev", "noent", "noexec",
	"nolck", "nolink", "nomem", "nomsg", "noprotoopt", "nospc", "nosys", "notconn", "notdir", "notempty", "notrecoverable",
	"notsock", "notsup", "notty", "nxio", "overflow", "ownerdead", "perm", "pipe", "proto", "protonosupport", "prototype",
	"range", "rofs", "spipe", "srch", "stale", "timedout", "txtbsy", "xdev", "notcapable",
}

func (e errno) name() string {
	if int(e) < len(errnoNames) {
		return errnoNames[e]
	}
	return e.Error()
}

// errnoOf finds the code of a name.
func errnoOf(name any) (errno, bool) {
	s, _ := name.(string)
	i := slices.Index(errnoNames[:], s)
	return errno(i), i > 0
}

// ofFiles are the codes of wasi:filesystem, in their order.
var ofFiles = [...]errno{
	eACCES, eAGAIN, eALREADY, eBADF, eBUSY, eDEADLK, eDQUOT, eEXIST, eFBIG, eILSEQ, eINPROGRESS, eINTR, eINVAL, eIO,
	eISDIR, eLOOP, eMLINK, eMSGSIZE, eNAMETOOLONG, eNODEV, eNOENT, eNOLCK, eNOMEM, eNOSPC, eNOTDIR, eNOTEMPTY,
	eNOTRECOVER, eNOTSUP, eNOTTY, eNXIO, eOVERFLOW, ePERM, ePIPE, eROFS, eSPIPE, eTXTBSY, eXDEV,
}

// ofNetwork are those of wasi:sockets that a listener or a connection can meet.
var ofNetwork = map[network.ErrorCode]errno{
	network.ErrorCodeAccessDenied:        eACCES,
	network.ErrorCodeNotSupported:        eNOTSUP,
	network.ErrorCodeInvalidArgument:     eINVAL,
	network.ErrorCodeOutOfMemory:         eNOMEM,
	network.ErrorCodeTimeout:             eTIMEDOUT,
	network.ErrorCodeConcurrencyConflict: eALREADY,
	network.ErrorCodeNotInProgress:       eINVAL,
	network.ErrorCodeWouldBlock:          eAGAIN,
	network.ErrorCodeInvalidState:        eNOTCONN,
	network.ErrorCodeNewSocketLimit:      eMFILE,
	network.ErrorCodeAddressNotBindable:  eADDRNOTAVL,
	network.ErrorCodeAddressInUse:        eADDRINUSE,
	network.ErrorCodeRemoteUnreachable:   eHOSTUNREACH,
	network.ErrorCodeConnectionRefused:   eCONNREFUSED,
	network.ErrorCodeConnectionReset:     eCONNRESET,
	network.ErrorCodeConnectionAborted:   eCONNABORTED,
}

// errno is what the guest is told; an error that it cannot be told of traps.
func (p *process) errno(err error) errno {
	var failed streams.StreamErrorLastOperationFailed
	switch err := err.(type) {
	case nil:
		return success
	case errno:
		return err
	case filesystem.ErrorCode:
		return fileErrno(err)
	case network.ErrorCode:
		if e, ok := ofNetwork[err]; ok {
			return e
		}
		return eIO
	case streams.StreamErrorClosed:
		return ePIPE
	case streams.StreamErrorLastOperationFailed:
		failed = err
	default:
		p.Fail(err)
	}
	if code, err := p.faces.Files.FilesystemErrorCode(p.ctx, failed.Value); err == nil && code != nil {
		return fileErrno(*code)
	}
	if code, err := p.faces.NetworkErrors.NetworkErrorCode(p.ctx, failed.Value); err == nil && code != nil {
		return p.errno(*code)
	}
	return eIO
}

func fileErrno(code filesystem.ErrorCode) errno {
	if int(code) < len(ofFiles) {
		return ofFiles[code]
	}
	return eIO
}

// interrupted is why the call has to end now, or nil.
func (p *process) interrupted() error {
	if p.ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("interrupted: %w", context.Cause(p.ctx))
}

// ended reports whether an error of a stream says that it has ended in good order.
func ended(err error) bool { return errors.Is(err, streams.StreamErrorClosed{}) }
