extension TLSConfiguration {
    /// Those of ``cipherSuites`` that a server's start would refuse because nobody knows them, in their order.
    public var unknownCipherSuites: [String] { cipherSuites.filter { !TLSContext.knows(cipherSuite: $0) } }
}
