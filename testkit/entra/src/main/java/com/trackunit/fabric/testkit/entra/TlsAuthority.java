// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.entra;

import com.trackunit.fabric.core.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** The stand-in's own certificate authority, and the server certificate that it signed. */
final class TlsAuthority {
  private final HeldCertificate root;
  private final HandshakeCertificates server;
  private final HandshakeCertificates client;

  TlsAuthority() {
    root =
        new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("Fabric Entra stand-in CA")
            .build();
    HeldCertificate host =
        new HeldCertificate.Builder()
            .signedBy(root)
            .commonName("localhost")
            .addSubjectAlternativeName("localhost")
            .addSubjectAlternativeName("127.0.0.1")
            .build();
    server = new HandshakeCertificates.Builder().heldCertificate(host).build();
    client = new HandshakeCertificates.Builder().addTrustedCertificate(certificate()).build();
  }

  X509Certificate certificate() {
    return root.certificate();
  }

  String pem() {
    return root.certificatePem();
  }

  SSLContext serverContext() {
    return server.sslContext();
  }

  SSLContext clientContext() {
    return client.sslContext();
  }

  X509TrustManager trustManager() {
    return client.trustManager();
  }

  void writeTrustStore(Path file, Secret password) {
    try (OutputStream out = Files.newOutputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("fabric-entra-stand-in", certificate());
      store.store(out, password.reveal().toCharArray());
    } catch (IOException | GeneralSecurityException e) {
      throw new StandInException("Cannot write the trust store " + file + ": " + e, e);
    }
  }
}
