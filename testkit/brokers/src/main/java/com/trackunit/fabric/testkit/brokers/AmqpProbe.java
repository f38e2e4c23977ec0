// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import com.trackunit.fabric.core.Secret;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The first steps of an AMQP 0-9-1 connection (its specification, 2.2.4), up to the broker's {@code
 * connection.tune}: by then the broker listens, speaks and knows the user. Asking the broker's own
 * command line tool would take two seconds a time.
 */
final class AmqpProbe {
  private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  private static final int METHOD_FRAME = 1;
  private static final int FRAME_END = 0xCE;
  private static final int MAX_FRAME = 131_072;
  private static final int CONNECTION_START = 10 << 16 | 10;
  private static final int CONNECTION_START_OK = 10 << 16 | 11;
  private static final int CONNECTION_TUNE = 10 << 16 | 30;
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(5).toMillis();

  private AmqpProbe() {}

  /** Whether the broker at the address lets the user in; false too if it takes over 5 seconds. */
  static boolean letsIn(InetSocketAddress broker, String user, Secret password) {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(broker, TIMEOUT_MILLIS);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.write(PROTOCOL);
      if (readMethod(in) != CONNECTION_START) {
        return false;
      }
      byte[] method = startOk(user, password);
      out.writeByte(METHOD_FRAME);
      out.writeShort(0);
      out.writeInt(method.length);
      out.write(method);
      out.writeByte(FRAME_END);
      return readMethod(in) == CONNECTION_TUNE;
    } catch (IOException notYet) {
      return false;
    }
  }

  private static byte[] startOk(String user, Secret password) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(CONNECTION_START_OK);
    out.writeInt(0); // no client properties
    writeShortString(out, "PLAIN");
    byte[] response = ("\0" + user + "\0" + password.reveal()).getBytes(StandardCharsets.UTF_8);
    out.writeInt(response.length);
    out.write(response);
    writeShortString(out, "en_US");
    return bytes.toByteArray();
  }

  private static void writeShortString(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    out.writeByte(bytes.length);
    out.write(bytes);
  }

  /** Reads one frame and answers its class and method as one number. */
  private static int readMethod(DataInputStream in) throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    int size = in.readInt();
    if (type != METHOD_FRAME || channel != 0 || size < Integer.BYTES || size > MAX_FRAME) {
      throw new IOException("not a method frame of channel 0");
    }
    int method = in.readInt();
    in.readFully(new byte[size - Integer.BYTES]);
    in.readUnsignedByte();
    return method;
  }
}
