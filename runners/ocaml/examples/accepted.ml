let () =
  let n = Scanf.scanf " %d" (fun n -> n) in
  Printf.printf "%d\n" (n * n)
