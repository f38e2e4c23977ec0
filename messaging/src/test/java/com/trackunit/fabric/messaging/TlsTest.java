// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.messaging;

import static com.trackunit.fabric.messaging.Fixtures.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.trackunit.fabric.testkit.brokers.FreePorts;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS both ways. The certificates are made by the JDK's own keytool. */
@Tag("broker")
class TlsTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir private Path folder;

  @Test
  void bothSidesShowACertificateAndTheHostNameHasToFit() throws Exception {
    KeyStore server = store("server", "san=ip:127.0.0.1");
    KeyStore other = store("other", "san=dns:elsewhere.example");
    KeyStore authority = store("authority", "bc=ca:true");
    KeyStore client = signed("client");
    int port = FreePorts.next();
    int otherPort = FreePorts.next();
    try (RabbitMqNode node = node(server, authority, port);
        RabbitMqNode elsewhere = node(other, authority, otherPort)) {
      try (RabbitMessaging rabbit =
          RabbitMessaging.open(settings(node, port, context(server, client)))) {
        assertThat(rabbit.health().isUp()).isTrue();
      }
      assertThatExceptionOfType(RabbitUnavailableException.class)
          .as("no certificate of ours")
          .isThrownBy(() -> RabbitMessaging.open(settings(node, port, context(server, null))));
      assertThatExceptionOfType(RabbitUnavailableException.class)
          .as("a certificate we do not trust")
          .isThrownBy(() -> RabbitMessaging.open(settings(node, port, context(other, client))));
      assertThatExceptionOfType(RabbitUnavailableException.class)
          .as("a certificate for another host")
          .isThrownBy(
              () -> RabbitMessaging.open(settings(elsewhere, otherPort, context(other, client))))
          .withMessageContaining("127.0.0.1");
    }
  }

  private static RabbitSettings settings(RabbitMqNode node, int port, SSLContext context) {
    return RabbitSettings.builder(node.host(), node.user(), node.password())
        .port(port)
        .tls(context)
        .openTimeout(Duration.ofSeconds(8))
        .connectTimeout(PATIENCE)
        .build();
  }

  private RabbitMqNode node(KeyStore own, KeyStore trusted, int port) throws Exception {
    Path key = folder.resolve(port + ".key.pem");
    Files.writeString(key, pem("PRIVATE KEY", own.getKey("own", PASSWORD).getEncoded()));
    return RabbitMqNode.builder()
        .setting("listeners.ssl.1", "127.0.0.1:" + port)
        .setting("ssl_options.cacertfile", certificate(trusted, port + ".ca").toString())
        .setting("ssl_options.certfile", certificate(own, port + ".own").toString())
        .setting("ssl_options.keyfile", key.toString())
        .setting("ssl_options.verify", "verify_peer")
        .setting("ssl_options.fail_if_no_peer_cert", "true")
        .start();
  }

  private Path certificate(KeyStore store, String name) throws Exception {
    Path file = folder.resolve(name + ".pem");
    Files.writeString(file, pem("CERTIFICATE", store.getCertificate("own").getEncoded()));
    return file;
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END "
        + what
        + "-----\n";
  }

  private KeyStore store(String name, String extension) throws Exception {
    keytool(
        name,
        "-genkeypair",
        "-alias",
        "own",
        "-keyalg",
        "RSA",
        "-keysize",
        "2048",
        "-dname",
        "CN=" + name,
        "-ext",
        extension,
        "-validity",
        "30");
    return load(name);
  }

  /** A key whose certificate the authority has signed; Erlang refuses a peer that signed itself. */
  private KeyStore signed(String name) throws Exception {
    KeyStore unused = store(name, "ku=digitalSignature");
    String request = folder.resolve(name + ".csr").toString();
    String answer = folder.resolve(name + ".crt").toString();
    String root = folder.resolve("authority.crt").toString();
    keytool(name, "-certreq", "-alias", "own", "-file", request);
    keytool("authority", "-gencert", "-alias", "own", "-infile", request, "-outfile", answer);
    keytool("authority", "-exportcert", "-alias", "own", "-file", root);
    keytool(name, "-importcert", "-noprompt", "-alias", "root", "-file", root);
    keytool(name, "-importcert", "-noprompt", "-alias", "own", "-file", answer);
    return load(name);
  }

  private void keytool(String store, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "-storetype",
            "PKCS12",
            "-storepass",
            new String(PASSWORD),
            "-keystore",
            folder.resolve(store + ".p12").toString()));
    Path output = folder.resolve("keytool.log");
    Process keytool =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(keytool.exitValue()).as(Files.readString(output)).isZero();
  }

  private KeyStore load(String name) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
      store.load(in, PASSWORD);
    }
    return store;
  }

  private static SSLContext context(
      KeyStore trusted, @org.jspecify.annotations.Nullable KeyStore own) throws Exception {
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, PASSWORD);
    anchors.setCertificateEntry("peer", trusted.getCertificate("own"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(anchors);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }
}
