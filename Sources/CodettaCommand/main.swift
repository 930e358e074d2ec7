import Codetta
print("codetta")
