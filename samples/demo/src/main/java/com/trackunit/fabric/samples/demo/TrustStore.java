// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The certificate authorities of the stand-ins, for the JVMs that talk to them over TLS. */
final class TrustStore {
  // Guards nothing: the file holds certificates, which are public. PKCS #12 only wants a password.
  private static final String PASSWORD = "public";

  private final Path file;
  private final KeyStore certificates;

  private TrustStore(Path file, KeyStore certificates) {
    this.file = file;
    this.certificates = certificates;
  }

  /** Puts PEM files together into {@code trust.p12} in a folder. */
  static TrustStore of(Path folder, List<Path> pemFiles) {
    Path file = folder.resolve("trust.p12");
    try {
      KeyStore certificates = KeyStore.getInstance("PKCS12");
      certificates.load(null, null);
      for (Path pem : pemFiles) {
        try (InputStream in = Files.newInputStream(pem)) {
          certificates.setCertificateEntry(
              pem.getFileName().toString(),
              CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
      }
      try (OutputStream out = Files.newOutputStream(file)) {
        certificates.store(out, PASSWORD.toCharArray());
      }
      return new TrustStore(file, certificates);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot write the trust store " + file, e);
    }
  }

  /** What makes a {@code java} command trust exactly these certificates. */
  List<String> javaArguments() {
    return List.of(
        "-Djavax.net.ssl.trustStore=" + file,
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        "-Djavax.net.ssl.trustStorePassword=" + PASSWORD);
  }

  /** Makes this JVM trust exactly these certificates. Too late once something has used TLS. */
  void useInThisJvm() {
    System.setProperty("javax.net.ssl.trustStore", file.toString());
    System.setProperty("javax.net.ssl.trustStoreType", "PKCS12");
    System.setProperty("javax.net.ssl.trustStorePassword", PASSWORD);
  }

  /** The PKCS #12 file. */
  Path file() {
    return file;
  }

  /** Reads a file that {@link #of} wrote. */
  static TrustStore read(Path file) {
    try {
      return new TrustStore(file, KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot read the trust store " + file, e);
    }
  }

  /** An HTTP client that trusts exactly these certificates. */
  HttpClient httpClient() {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(certificates);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return HttpClient.newBuilder().sslContext(context).build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot use the trust store " + file, e);
    }
  }
}
