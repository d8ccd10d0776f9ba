print("demo-target")
