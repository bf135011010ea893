package collector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// Disk is a folder on disk; *os.Root is one, and lets no name or link lead out of it.
type Disk interface {
	FS() fs.FS
	Mkdir(name string, perm fs.FileMode) error
	WriteFile(name string, data []byte, perm fs.FileMode) error
	Rename(oldname, newname string) error
	Close() error
}

// Folder is a source that is a folder into which people or other programs put files.
//
// A file is read when two polls have found it with the same size and time, and moved
// into the folder "done" when a later poll finds in its cursor that all its items are
// stored. A file that cannot be read goes to "failed", beside a text that tells why.
// Collect itself thus changes nothing that the stored cursor does not already say, and
// a crash at any moment leads to the file being read again, or moved, and to nothing
// else: its items have the same identifiers then.
type Folder struct {
	name  string
	open  func() (Disk, error)
	clock func() time.Time
	read  readFile
}

// readFile makes items of a file's content, except Source and Fetched. Times that the
// file does not state are those of its modification. The error is an unfinished one if
// the file looks as if somebody was still writing.
type readFile func(name string, content []byte, modified time.Time) ([]reputation.Item, error)

// unfinished is the error of a file whose end is missing.
type unfinished struct{ error }

func (e unfinished) Unwrap() error { return e.error }

const (
	doneFolder   = "done"
	failedFolder = "failed"

	mostFiles   = 1000      // files of the folder that are looked at, by name
	mostBytes   = 32 << 20  // of a file
	mostPerPoll = 5000      // items of a poll; the rest of a file comes with the next
	mostReason  = 4 << 10   // bytes of what is wrong with a file: it may quote the file
	patience    = time.Hour // how long a file may stay without its end
	folderMode  = fs.FileMode(0o750)
	reasonMode  = fs.FileMode(0o640)
)

// Name is the name of the source.
func (f *Folder) Name() string { return f.name }

// Collect moves the files that the cursor says are stored, reads those that have not
// changed since the last poll, and notes the others in the next cursor. The error
// names each file that cannot be read or moved; the items of the others come with it.
func (f *Folder) Collect(ctx context.Context, cur reputation.Cursor) (items []reputation.Item, next reputation.Cursor, err error) {
	disk, err := f.open()
	if err != nil {
		return nil, cur, fmt.Errorf("source %s: open its folder: %w; make the folder and let the user that runs reputed write to it", f.name, err)
	}
	defer disk.Close() // nothing was written through it that could be lost
	present, err := list(disk.FS())
	if err != nil {
		return nil, cur, fmt.Errorf("source %s: read its folder: %w", f.name, err)
	}
	var errs []error
	for _, file := range present {
		if ctx.Err() != nil {
			return nil, cur, ctx.Err()
		}
		i := slices.IndexFunc(cur.Files, func(known reputation.File) bool {
			return known.Name == file.Name && known.Size == file.Size && known.Modified.Equal(file.Modified)
		})
		switch {
		case i < 0:
			file.Since = f.clock().UTC().Truncate(time.Second)
		case cur.Files[i].Stored || cur.Files[i].Fault != "":
			file = cur.Files[i]
			err := putAway(disk, file)
			if err == nil {
				continue
			}
			errs = append(errs, fmt.Errorf("file %q is read and cannot be moved: %w; let the user that runs reputed write to the folder", file.Name, err))
		case len(items) < mostPerPoll:
			file = cur.Files[i]
			part, err := f.part(disk.FS(), &file, mostPerPoll-len(items))
			if err != nil {
				errs = append(errs, err)
			}
			items = append(items, part...)
		default:
			file = cur.Files[i]
		}
		next.Files = append(next.Files, file)
	}
	if others := len(errs) - mostFaults; others > 0 {
		errs = append(errs[:mostFaults], fmt.Errorf("and %d other files", others))
	}
	if err := errors.Join(errs...); err != nil {
		return items, next, &partialError{fmt.Errorf("source %s: %w", f.name, err)}
	}
	return items, next, nil
}

// list returns the files in the folder that are for the source, by name. Names that
// programs give to what they have not finished are left alone, as are folders, links
// and whatever else is no plain file.
func list(folder fs.FS) ([]reputation.File, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var files []reputation.File
	for _, entry := range entries {
		if len(files) == mostFiles {
			break
		}
		name := entry.Name()
		lower := strings.ToLower(name)
		if !entry.Type().IsRegular() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || strings.HasSuffix(name, "~") ||
			slices.Contains([]string{".tmp", ".temp", ".part", ".partial", ".crdownload", ".filepart", ".swp"}, path.Ext(lower)) {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // gone meanwhile
		}
		if err != nil {
			return nil, err
		}
		files = append(files, reputation.File{Name: name, Size: info.Size(), Modified: info.ModTime().UTC()})
	}
	return files, nil
}

// part reads the next items of a file, at most n, and notes in the file how far it
// came or why it cannot be read.
func (f *Folder) part(folder fs.FS, file *reputation.File, n int) ([]reputation.Item, error) {
	var items []reputation.Item
	var err error
	if file.Size > mostBytes {
		err = fmt.Errorf("it is larger than %d MB; split it", mostBytes>>20)
	} else {
		content, unread := contentOf(folder, *file)
		if errors.Is(unread, errChanged) {
			return nil, nil // the next poll finds it as it is then
		}
		if unread != nil {
			return nil, fmt.Errorf("file %q: %w", file.Name, unread)
		}
		items, err = f.read(file.Name, content, file.Modified)
	}
	now := f.clock().UTC().Truncate(time.Second)
	if err != nil {
		if errors.As(err, new(unfinished)) && now.Sub(file.Since) < patience {
			return nil, nil
		}
		file.Fault = strings.ToValidUTF8(string(cut([]byte(err.Error()), mostReason)), replacement)
		return nil, fmt.Errorf("file %q goes to the folder %q, nothing of it was stored: %s", file.Name, failedFolder, file.Fault)
	}
	items = items[min(file.Items, len(items)):]
	if len(items) <= n {
		file.Stored = true
	}
	items = items[:min(n, len(items))]
	file.Items += len(items)
	for i := range items {
		items[i].Source, items[i].Fetched = f.name, now
		items[i].Published = published(items[i].Published, now)
	}
	return items, nil
}

var errChanged = errors.New("it has changed")

// contentOf reads a file that is still as it was found.
func contentOf(folder fs.FS, file reputation.File) ([]byte, error) {
	opened, err := folder.Open(file.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errChanged
	}
	if err != nil {
		return nil, err
	}
	defer opened.Close() // only read
	content, err := io.ReadAll(io.LimitReader(opened, mostBytes+1))
	if err != nil {
		return nil, err
	}
	info, err := opened.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() != file.Size || int64(len(content)) != file.Size || !info.ModTime().Equal(file.Modified) {
		return nil, errChanged
	}
	return content, nil
}

// putAway moves a file that is done with, and writes the reason beside one that failed.
// A file that lies there under the same name is kept.
func putAway(disk Disk, file reputation.File) error {
	to := doneFolder
	if file.Fault != "" {
		to = failedFolder
	}
	if err := disk.Mkdir(to, folderMode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	target, err := freeName(disk.FS(), path.Join(to, file.Name))
	if err != nil {
		return err
	}
	if file.Fault != "" {
		reason := fmt.Sprintf("%s\n\nNothing of the file %s was stored. Mend it and put it back into the folder.\n", file.Fault, file.Name)
		if err := disk.WriteFile(target+reasonSuffix, []byte(reason), reasonMode); err != nil {
			return err
		}
	}
	return disk.Rename(file.Name, target)
}

const reasonSuffix = ".reason.txt"

// freeName is the name, or the name with a number, under which no file lies yet.
func freeName(folder fs.FS, name string) (string, error) {
	extension := path.Ext(name)
	for n := 1; ; n++ {
		free := name
		if n > 1 {
			free = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, extension), n, extension)
		}
		_, err := fs.Stat(folder, free)
		if errors.Is(err, fs.ErrNotExist) {
			return free, nil
		}
		if err != nil {
			return "", err
		}
	}
}
