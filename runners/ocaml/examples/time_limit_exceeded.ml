let n = ref 0

let () = while true do incr n done
