// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.deploy.reach;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * The process inside one network namespace of the {@link PacketLab}: it answers on the ports given
 * as {@code TCP:80}, and tries a connection for each line {@code TCP 10.0.0.1 80} that it reads.
 */
final class PacketAgent {
  private static final int MILLIS = 2_000;

  private PacketAgent() {}

  public static void main(String[] ports) throws IOException {
    for (String port : ports) {
      String[] parts = port.split(":", -1);
      answer(Protocol.valueOf(parts[0]), Integer.parseInt(parts[1]));
    }
    System.out.println("ready");
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ", -1);
      InetSocketAddress target = new InetSocketAddress(words[1], Integer.parseInt(words[2]));
      boolean answered = words[0].equals("TCP") ? connects(target) : echoes(target);
      System.out.println(answered ? "yes" : "no");
    }
    // With its standard input ends its work.
    System.exit(0);
  }

  private static void answer(Protocol protocol, int port) throws IOException {
    if (protocol == Protocol.TCP) {
      ServerSocket server = new ServerSocket(port, 500);
      start(
          () -> {
            while (true) {
              server.accept().close();
            }
          });
    } else {
      DatagramSocket socket = new DatagramSocket(port);
      start(
          () -> {
            DatagramPacket packet = new DatagramPacket(new byte[1], 1);
            while (true) {
              socket.receive(packet);
              socket.send(packet);
            }
          });
    }
  }

  private static boolean connects(InetSocketAddress target) {
    try (Socket socket = new Socket()) {
      socket.connect(target, MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean echoes(InetSocketAddress target) {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(MILLIS);
      socket.connect(target);
      socket.send(new DatagramPacket(new byte[1], 1));
      socket.receive(new DatagramPacket(new byte[1], 1));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                System.err.println(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
