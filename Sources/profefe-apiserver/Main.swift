import ServerApp

@main
enum Main {
    static func main() async {
        await ServerCommand.start()
    }
}
