print("profefe-apiserver")
