let () = print_int (undeclared * 2)
