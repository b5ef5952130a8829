// Package bench measures Tenon beside other hosts, in the same run. Its tests are
// benchmarks:
//
//	TENON_CPYTHON=python.wasm go test -run '^$' -bench . -benchtime 20x
package bench
