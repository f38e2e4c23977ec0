// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the kernel says about processes and sockets. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  private Processes() {}

  /** All processes with the text in their command line or environment, zombies excepted. */
  static List<Long> mentioning(String text) throws IOException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        if ((read(process.resolve("cmdline")) + read(process.resolve("environ"))).contains(text)) {
          found.add(Long.valueOf(process.getFileName().toString()));
        }
      }
    }
    return found;
  }

  /** The state letter of a process, such as T for a stopped one; X if there is none. */
  static char state(long pid) {
    String stat = read(PROC.resolve(String.valueOf(pid)).resolve("stat"));
    int afterName = stat.lastIndexOf(')') + 2;
    return stat.length() > afterName ? stat.charAt(afterName) : 'X';
  }

  /** The addresses, as the kernel writes them, that the processes listen on over TCP. */
  static Set<String> listening(List<Long> pids) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (long pid : pids) {
      try (DirectoryStream<Path> fds = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
        for (Path fd : fds) {
          String target = target(fd);
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        }
      }
    }
    Set<String> addresses = new HashSet<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : read(PROC.resolve(table)).lines().skip(1).toList()) {
        String[] columns = line.strip().split("\\s+", -1);
        if (columns[3].equals("0A") && inodes.contains(columns[9])) {
          addresses.add(columns[1]);
        }
      }
    }
    return addresses;
  }

  /** Whether such an address is one of 127.0.0.0/8, of ::1, or of ::ffff:127.0.0.0/104. */
  static boolean isLoopback(String address) {
    String host = address.substring(0, address.indexOf(':'));
    boolean mapped = host.startsWith("0000000000000000FFFF0000");
    return host.equals("00000000000000000000000001000000")
        || ((host.length() == 8 || mapped) && host.endsWith("7F"));
  }

  private static String target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException closed) {
      return "";
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }
}
