// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.messaging;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A {@link StubBroker} in a JVM of its own, so that what it costs is not the client's. */
final class StubProcess implements AutoCloseable {
  private final Process process;
  private final int port;

  StubProcess() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                StubBroker.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the stub broker ended before it told its port");
    }
    port = Integer.parseInt(line);
  }

  int port() {
    return port;
  }

  /** Ends it, as the end of this process would. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
  }
}
