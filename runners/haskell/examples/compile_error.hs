main :: IO ()
main = print (undeclared + 1)
