import Foundation

/// Two authorities of the same name, `CN=kubernetes`, and a client certificate of each, none with a key identifier: OpenSSL can't tell
/// which authority signed which. Valid from ``time`` for a hundred years; their keys are gone.
enum Namesakes {
    /// Within their validity, Unix seconds.
    static let time: Int64 = 1_795_500_000

    static let first = """
        -----BEGIN CERTIFICATE-----
        MIIBPDCB5KADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmt1YmVybmV0
        ZXMwIBcNMjYxMTIyMjIzNzE3WhgPMjEyNjEwMjkyMjM3MTdaMBUxEzARBgNVBAMM
        Cmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQMfKofEDt0bD+m
        w1drYa05V9UpobT/bZpTOldVDasBIRgBqEpnQARJ2MgrshwJI2njUwyJLiV6BMbo
        XD9QkuXyoyMwITAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggq
        hkjOPQQDAgNHADBEAiAfgNHDwF3cxx7k3XIqDKmgxZZzXSVUqwRUczm3qz3BkAIg
        Xp8PWt0lWQVKbLNAYRgA0nA72sBAL7LlRP9eku00wM0=
        -----END CERTIFICATE-----

        """
    static let second = """
        -----BEGIN CERTIFICATE-----
        MIIBPDCB5KADAgECAgECMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmt1YmVybmV0
        ZXMwIBcNMjYxMTIyMjIzNzE3WhgPMjEyNjEwMjkyMjM3MTdaMBUxEzARBgNVBAMM
        Cmt1YmVybmV0ZXMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASxRtdCGoI5lsXj
        Ufd3TAwPpdIa1yIYZiqc41ZGpvOuWzeq2F0ZJwMQ4k9pg83I7iUOkihKnJFiziGd
        F+nIV7vZoyMwITAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAKBggq
        hkjOPQQDAgNHADBEAiAE6xQv1aJ6LOmg5zon1GDMLfTzJ3frwT64TysI3SckmwIg
        Zx9Uiy49ag8s5sEKBHIvXWu4pXT6PYPTyeArs1lBAEg=
        -----END CERTIFICATE-----

        """
    static let userOfFirst = """
        -----BEGIN CERTIFICATE-----
        MIIBLTCB1KADAgECAgELMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmt1YmVybmV0
        ZXMwIBcNMjYxMTIyMjIzNzE3WhgPMjEyNjEwMjkyMjM3MTdaMBExDzANBgNVBAMM
        BnVzZXItMTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPF/86r9OcYciSHfDF2c
        znyPzzNB2ER8F/GG+8H/0Fwo/usqjqWWqLV3Lm4Wi6vTbPykLCmSzRhV50KCf6gc
        4S+jFzAVMBMGA1UdJQQMMAoGCCsGAQUFBwMCMAoGCCqGSM49BAMCA0gAMEUCIQC1
        DgyWOhVqbl8/JuE6D+OfPczMf3y2D5WUywFrcxzzeQIgMnW02OqOol2V+ZF4pleb
        v0iZGGzUlUHAG3srNSB0Wpg=
        -----END CERTIFICATE-----

        """
    static let userOfSecond = """
        -----BEGIN CERTIFICATE-----
        MIIBLjCB1KADAgECAgEMMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCmt1YmVybmV0
        ZXMwIBcNMjYxMTIyMjIzNzE3WhgPMjEyNjEwMjkyMjM3MTdaMBExDzANBgNVBAMM
        BnVzZXItMjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH0zOlhQXK+Y0MohOUUN
        42d4Hp1fHNgKX3Sd2cr9uWeJlvKqadWYKJoRFPnd/hEWFot/qsD+fscjOaKfVsah
        5L2jFzAVMBMGA1UdJQQMMAoGCCsGAQUFBwMCMAoGCCqGSM49BAMCA0kAMEYCIQDn
        KBIDo+FDjY7Jg6qpuJ8KXzA/iU/1B9t6lRbRoUYfyQIhAJLUr5DKqI2SepjSKS80
        aap+CMu09ALXyAFucwdfNihk
        -----END CERTIFICATE-----

        """

    /// The DER of a PEM text.
    static func der(_ pem: String) -> [UInt8] {
        let text = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return Data(base64Encoded: text).map(Array.init) ?? []
    }
}
