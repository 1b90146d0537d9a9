import System.IO.Unsafe (unsafePerformIO)
import Data.IORef

main :: IO ()
main = do
  counter <- newIORef (0 :: Int)
  let loop = modifyIORef' counter (+ 1) >> loop
  loop
