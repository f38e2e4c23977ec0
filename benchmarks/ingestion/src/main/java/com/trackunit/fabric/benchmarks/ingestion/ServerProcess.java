// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import okhttp3.tls.Certificates;
import okhttp3.tls.HandshakeCertificates;

/** An {@link UploadServer} in a JVM of its own, so that what it costs is not the client's. */
final class ServerProcess implements AutoCloseable {
  private static final String END = "-----END CERTIFICATE-----";

  private final Process process;
  private final URI base;
  private final HandshakeCertificates trust;

  ServerProcess() throws IOException {
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                UploadServer.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    base = URI.create("https://localhost:" + line(output) + "/");
    StringBuilder pem = new StringBuilder();
    while (pem.indexOf(END) < 0) {
      pem.append(line(output)).append('\n');
    }
    trust =
        new HandshakeCertificates.Builder()
            .addTrustedCertificate(Certificates.decodeCertificatePem(pem.toString()))
            .build();
  }

  URI base() {
    return base;
  }

  HandshakeCertificates trust() {
    return trust;
  }

  /** Ends it, as the end of this process would. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
  }

  private static String line(BufferedReader output) throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the server ended before it told its port and certificate");
    }
    return line;
  }
}
