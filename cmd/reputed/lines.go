package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// longestLine bounds one line of input, so that a file that is no text does not
// fill the memory.
const longestLine = 16 << 20

// drawn is an answer to a person, which is written as it is.
type drawn string

// eachLine reads a text a line and writes what answer makes of it as a JSON object
// a line, so that output line n belongs to input line n. An answer that is drawn
// takes the lines it needs.
func eachLine(env environment, answer func(line string) (any, error)) error {
	in := bufio.NewReaderSize(env.stdin, 1<<16)
	out := bufio.NewWriterSize(env.stdout, 1<<16)
	encoder := newEncoder(out)
	for number := 1; ; number++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return out.Flush()
		}
		if err != nil {
			return fmt.Errorf("read line %d of standard input: %w", number, err)
		}
		result, err := answer(line)
		if err != nil {
			return errors.Join(out.Flush(), fmt.Errorf("line %d of standard input: %w", number, err))
		}
		if picture, ok := result.(drawn); ok {
			_, err = out.WriteString(string(picture))
		} else {
			err = encoder.Encode(result)
		}
		if err != nil {
			return fmt.Errorf("write standard output: %w", err)
		}
		// Whoever types, or another program that waits for the answer, sees it at once.
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("write standard output: %w", err)
			}
		}
	}
}

// readLine returns the next line without its end. A last line needs no end.
func readLine(in *bufio.Reader) (string, error) {
	var line strings.Builder
	for {
		part, err := in.ReadSlice('\n')
		line.Write(part)
		switch {
		case line.Len() > longestLine:
			return "", fmt.Errorf("longer than %d MiB", longestLine>>20)
		case err == nil || errors.Is(err, io.EOF) && line.Len() > 0:
			return strings.TrimRight(line.String(), "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return "", err
		}
	}
}
