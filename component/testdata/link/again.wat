;; Exports what it imports: an interface of the host, by a name of its own, and within
;; another instance, and one of its functions by itself. It has no code.
(component
  (import "test:link/host" (instance $host
    (export "token" (type $token (sub resource)))
    (type $point' (record (field "x" u32) (field "label" string) (field "marks" (list u16))))
    (export "point" (type $point (eq $point')))
    (export "join" (func (param "parts" (list string)) (param "sep" string) (result string)))
    (export "split" (func (param "s" string) (param "sep" string) (result (list string))))
    (export "mirror" (func (param "p" $point) (result $point)))
    (export "parse" (func (param "s" string) (result (result u32 (error string)))))
    (export "sum" (func
      (param "a" u64) (param "b" u64) (param "c" u64) (param "d" u64) (param "e" u64) (param "f" u64)
      (param "g" u64) (param "h" u64) (param "i" u64) (param "j" u64) (param "k" u64) (param "l" u64)
      (param "m" u64) (param "n" u64) (param "o" u64) (param "p" u64) (param "q" u64) (result u64)))
    (export "[constructor]token" (func (param "label" string) (result (own $token))))
    (export "[method]token.label" (func (param "self" (borrow $token)) (result string)))
    (export "merge" (func (param "into" (borrow $token)) (param "from" (own $token)) (result string)))
    (export "all" (func (param "tokens" (list (own $token))) (result (list (own $token)))))
    (export "fail" (func))
    (export "stop" (func))))
  (alias export $host "join" (func $join))
  (instance $outer (export "inner" (instance $host)) (export "join" (func $join)))
  (export "test:link/again@1.2.0" (instance $host))
  (export "test:link/outer@0.2.3" (instance $outer))
  (export "join" (func $join)))
