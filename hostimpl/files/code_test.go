package files_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/tenon-wasm/tenon/hostimpl/files"
)

// The codes in the order and with the names of the WIT enum.
const witCodes = `access would-block already bad-descriptor busy deadlock quota exist file-too-large illegal-byte-sequence
	in-progress interrupted invalid io is-directory loop too-many-links message-size name-too-long no-device no-entry no-lock
	insufficient-memory insufficient-space not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow
	not-permitted pipe read-only invalid-seek text-file-busy cross-device`

func TestCodesHaveTheNamesAndNumbersOfTheWIT(t *testing.T) {
	for i, name := range strings.Fields(witCodes) {
		if got := files.ErrorCode(i).String(); got != name {
			t.Errorf("%d is %s, want %s", i, got, name)
		}
	}
	if got := (files.CrossDevice + 1).Error(); got != "error-code(37)" {
		t.Errorf("%s", got)
	}
}

func TestErrorsOfPackagesHaveCodes(t *testing.T) {
	for _, c := range []struct {
		err  error
		want files.ErrorCode
	}{
		{files.Loop, files.Loop},
		{fmt.Errorf("here: %w", files.Quota), files.Quota},
		{&fs.PathError{Op: "open", Path: "x", Err: files.Deadlock}, files.Deadlock},
		{fs.ErrNotExist, files.NoEntry},
		{fs.ErrExist, files.Exist},
		{fs.ErrPermission, files.Access},
		{fs.ErrInvalid, files.Invalid},
		{fs.ErrClosed, files.BadDescriptor},
		{&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, files.NoEntry},
		{fmt.Errorf("it cannot: %w", errors.ErrUnsupported), files.Unsupported},
		{io.ErrUnexpectedEOF, files.IO},
		{errors.New("anything"), files.IO},
		{os.ErrDeadlineExceeded, files.IO},
	} {
		if got := files.CodeOf(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}
