// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a WebSocket, the server's side (RFC 6455, section 5). One thread reads; any thread
 * writes.
 */
final class WebSocketWire {
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int RESERVED = 3;

  private static final int CONTINUATION = 0;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int FIN = 0x80;
  private static final int MASKED = 0x80;
  private static final int MAX_MESSAGE = 32 << 20;
  private static final String KEY_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3

  private final DataInputStream in;
  private final OutputStream out;
  private boolean closeSent;

  WebSocketWire(InputStream in, OutputStream out) {
    this.in = new DataInputStream(in);
    this.out = out;
  }

  /** What answers {@code Sec-WebSocket-Key}. */
  static String accept(String key) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      byte[] digest = sha1.digest((key + KEY_SALT).getBytes(StandardCharsets.US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /** The next message of data; null once the client has closed. */
  byte @Nullable [] read() throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    while (true) {
      int head = in.readUnsignedByte();
      byte[] payload = payload();
      switch (head & 0x0F) {
        case CONTINUATION, TEXT, BINARY -> {
          message.writeBytes(payload);
          if (message.size() > MAX_MESSAGE) {
            throw new IOException("a message of more than " + MAX_MESSAGE + " bytes");
          }
          if ((head & FIN) != 0) {
            return message.toByteArray();
          }
        }
        case PING -> write(PONG, payload);
        case PONG -> {}
        case CLOSE -> {
          close(1000);
          return null;
        }
        default -> throw new IOException("opcode " + (head & 0x0F));
      }
    }
  }

  private byte[] payload() throws IOException {
    int second = in.readUnsignedByte();
    if ((second & MASKED) == 0) {
      throw new IOException("a frame from a client that is not masked");
    }
    long length = second & 0x7F;
    if (length == 126) {
      length = in.readUnsignedShort();
    } else if (length == 127) {
      length = in.readLong();
    }
    if (length < 0 || length > MAX_MESSAGE) {
      throw new IOException("a frame of " + length + " bytes");
    }
    byte[] mask = in.readNBytes(4);
    byte[] payload = in.readNBytes((int) length);
    if (payload.length < length) {
      throw new EOFException();
    }
    for (int i = 0; i < payload.length; i++) {
      payload[i] ^= mask[i & 3];
    }
    return payload;
  }

  synchronized void write(int opcode, byte[] payload) throws IOException {
    if (closeSent) {
      return;
    }
    byte[] head = new byte[10];
    head[0] = (byte) (FIN | opcode);
    int length = 2;
    if (payload.length < 126) {
      head[1] = (byte) payload.length;
    } else if (payload.length < 1 << 16) {
      head[1] = 126;
      head[2] = (byte) (payload.length >> 8);
      head[3] = (byte) payload.length;
      length = 4;
    } else {
      head[1] = 127;
      for (int i = 0; i < 8; i++) {
        head[2 + i] = (byte) ((long) payload.length >> (56 - 8 * i));
      }
      length = 10;
    }
    out.write(head, 0, length);
    out.write(payload);
    out.flush();
  }

  /** Promises one byte more than it sends. */
  synchronized void writeCut(byte[] payload) throws IOException {
    out.write(FIN | BINARY);
    out.write(payload.length + 1);
    out.write(payload);
    out.flush();
  }

  /** Says goodbye; nothing is written after it. */
  synchronized void close(int code) throws IOException {
    if (!closeSent) {
      write(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
      closeSent = true;
    }
  }
}
