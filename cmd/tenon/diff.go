package main

import "io"

func diffCommand(args []string, stdout, stderr io.Writer) int { return exitUsage }
