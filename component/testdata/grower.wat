;; Its realloc grows the memory each time, so that it moves, and gives a block of the part that was there before.
(component
  (core module $M
    (memory (export "memory") 4)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $p i32)
      (local.set $p (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $p) (local.get $size)))
      (drop (memory.grow (i32.const 64)))
      (local.get $p))
    ;; The sum of all bytes of n strings.
    (func (export "sum") (param $at i32) (param $n i32) (result i32)
      (local $sum i32) (local $p i32) (local $end i32)
      (block $done (loop $string
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $p (i32.load (local.get $at)))
        (local.set $end (i32.add (local.get $p) (i32.load offset=4 (local.get $at))))
        (block $over (loop $byte
          (br_if $over (i32.eq (local.get $p) (local.get $end)))
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $p))))
          (local.set $p (i32.add (local.get $p) (i32.const 1)))
          (br $byte)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $string)))
      (local.get $sum)))
  (core instance $m (instantiate $M))
  (alias core export $m "memory" (core memory $memory))
  (alias core export $m "realloc" (core func $realloc))
  (func (export "sum") (param "all" (list string)) (result u32)
    (canon lift (core func $m "sum") (memory $memory) (realloc $realloc))))
