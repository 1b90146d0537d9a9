while true
  printf("%s\n", repmat("x", 1, 1000));
end
