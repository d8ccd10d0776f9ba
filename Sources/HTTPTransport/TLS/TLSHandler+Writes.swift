import NIOCore

/// The way out.
extension TLSHandler {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .open = state else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        pending.append(PendingWrite(plain: unwrapOutboundIn(data), promise: promise))
    }

    func flush(context: ChannelHandlerContext) {
        encrypt(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { encrypt(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Encrypts what waits while the channel takes it.
    func encrypt(_ context: ChannelHandlerContext) {
        loop: while !pending.isEmpty, context.channel.isWritable {
            switch state {
            case .open, .closing: break
            case .handshaking, .lingering, .closed: break loop
            }
            guard let (step, promise) = encryptPiece() else { break }
            if case .failed(let error) = step {
                promise?.fail(error)
                state = .closed
                context.fireErrorCaught(error)
                return context.close(promise: nil)
            }
            flushCipher(context, promise: promise)
        }
        if pending.isEmpty { drained(context) }
    }

    /// Encrypts up to `pieceBytes` from the front; several small writes are joined first.
    private func encryptPiece() -> (TLSSession.Step, EventLoopPromise<Void>?)? {
        guard var first = pending.popFirst() else { return nil }
        let isAlone = pending.isEmpty || first.plain.readableBytes >= Self.joinedBytes
        guard isAlone else { return encryptJoined(first) }
        let count = min(first.plain.readableBytes, Self.pieceBytes)
        let step = first.plain.readWithUnsafeReadableBytes { source in
            (count, session.write(UnsafeRawBufferPointer(rebasing: source.prefix(count))))
        }
        guard first.plain.readableBytes > 0 else { return (step, first.promise) }
        pending.prepend(first)
        return (step, nil)
    }

    private func encryptJoined(_ first: PendingWrite) -> (TLSSession.Step, EventLoopPromise<Void>?) {
        var promise = first.promise
        loop.gather.clear(minimumCapacity: Self.pieceBytes)
        loop.gather.writeImmutableBuffer(first.plain)
        while let next = pending.first, loop.gather.readableBytes + next.plain.readableBytes <= Self.pieceBytes {
            pending.removeFirst()
            loop.gather.writeImmutableBuffer(next.plain)
            if let more = next.promise { promise.setOrCascade(to: more) }
        }
        let step = loop.gather.withUnsafeReadableBytes { session.write($0) }
        return (step, promise)
    }

    /// Gives OpenSSL's output to the channel.
    func flushCipher(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        guard loop.cipher.readableBytes > 0 else {
            promise?.succeed(())
            return
        }
        // Taken out first: the write may complete at once, and whoever waits for it write or close again.
        var cipher = loop.cipher
        loop.cipher = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(cipher), promise: promise)
        // Keeps the storage if the socket took all at once, leaves it to the channel otherwise.
        cipher.clear(minimumCapacity: 0)
        loop.cipher = cipher
    }
}
