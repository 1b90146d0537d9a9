main :: IO ()
main = do
  let numbers = [1 ..] :: [Integer]
  print (numbers !! 1000000000)
  print (sum (take 1000000000 numbers))
