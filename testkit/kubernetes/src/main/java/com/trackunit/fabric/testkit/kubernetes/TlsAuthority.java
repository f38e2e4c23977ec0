// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.kubernetes;

import java.io.IOException;
import javax.net.ssl.SSLServerSocket;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** The cluster's certificate authority: it signs the server's certificate and those of users. */
final class TlsAuthority {
  private final HeldCertificate root =
      new HeldCertificate.Builder()
          .certificateAuthority(0)
          .commonName("Fabric API server stand-in CA")
          .build();

  /** A socket that is not bound yet; it takes users' certificates and does without. */
  SSLServerSocket serverSocket(String name) throws IOException {
    HeldCertificate host =
        new HeldCertificate.Builder()
            .signedBy(root)
            .commonName("kube-apiserver")
            .addSubjectAlternativeName(name)
            .build();
    HandshakeCertificates certificates =
        new HandshakeCertificates.Builder()
            .heldCertificate(host, root.certificate())
            .addTrustedCertificate(root.certificate())
            .build();
    SSLServerSocket socket =
        (SSLServerSocket) certificates.sslContext().getServerSocketFactory().createServerSocket();
    socket.setWantClientAuth(true);
    return socket;
  }

  String pem() {
    return root.certificatePem();
  }

  /** A certificate whose common name is the user, as the API server reads it. */
  HeldCertificate certificateOf(String user) {
    return new HeldCertificate.Builder().signedBy(root).rsa2048().commonName(user).build();
  }
}
