package io.outboxrelay.testkit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.unix.RawUnixChannelOption;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes the kernel of Linux drop packets before TCP sees them. Needs no privilege. */
final class PacketFilter {
  private static final int SOL_SOCKET = 1;
  private static final int SO_ATTACH_FILTER = 26;

  /**
   * The size of C's {@code struct sock_fprog}: the number of instructions, and a pointer to them.
   */
  private static final int PROGRAM_BYTES = 16;

  private static final int POINTER_OFFSET = 8;

  /** The opcode of an instruction that ends with the number of bytes to keep. */
  private static final int BPF_RET = 6;

  private static final RawUnixChannelOption ATTACH =
      new RawUnixChannelOption("SO_ATTACH_FILTER", SOL_SOCKET, SO_ATTACH_FILTER, PROGRAM_BYTES);

  private PacketFilter() {}

  /**
   * Drops each packet that arrives for {@code socket}. The other side of the connection then gets
   * no acknowledgement of its bytes and keepalive probes.
   *
   * @throws UnsupportedOperationException if the socket is not one of Netty's native sockets
   */
  static void dropAll(NetSocket socket) {
    var instruction = Unpooled.directBuffer().writeShortLE(BPF_RET).writeShortLE(0).writeIntLE(0);
    try {
      var config = ((NetSocketInternal) socket).channelHandlerContext().channel().config();
      if (!config.setOption(ATTACH, program(instruction))) {
        throw new UnsupportedOperationException(config + " takes no filter");
      }
    } finally {
      instruction.release();
    }
  }

  private static ByteBuffer program(ByteBuf instruction) {
    return ByteBuffer.allocateDirect(PROGRAM_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort(0, (short) 1)
        .putLong(POINTER_OFFSET, instruction.memoryAddress());
  }
}
