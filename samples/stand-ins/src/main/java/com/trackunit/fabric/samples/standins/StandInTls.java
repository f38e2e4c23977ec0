// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.contracts.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/**
 * What a stand-in proves its name with.
 *
 * @param context for its listeners
 * @param authority the certificate its clients have to trust
 */
record StandInTls(SSLContext context, X509Certificate authority) {
  private static final Duration LIFETIME = Duration.ofDays(7);

  /**
   * As {@code STANDIN_KEYSTORE} and {@code STANDIN_KEYSTORE_PASSWORD} say, or self-made; writes the
   * authority to {@code STANDIN_CA_FILE} if that is set.
   */
  static Supplier<StandInTls> from(Environment environment, Supplier<String> host) {
    Supplier<Optional<Path>> keyStore = path(environment, "STANDIN_KEYSTORE");
    Supplier<Optional<Secret>> password =
        environment.secret("STANDIN_KEYSTORE_PASSWORD").optional();
    Supplier<Optional<Path>> caFile = path(environment, "STANDIN_CA_FILE");
    return () -> {
      StandInTls tls =
          keyStore
              .get()
              .map(file -> of(file, password.get().map(Secret::reveal).orElse("")))
              .orElseGet(() -> selfMade(host.get()));
      caFile.get().ifPresent(tls::writeAuthorityTo);
      return tls;
    };
  }

  private static Supplier<Optional<Path>> path(Environment environment, String name) {
    return environment.value(name, "a path", Path::of).optional();
  }

  /** A new authority and a certificate of it for a name and the loopback address. */
  static StandInTls selfMade(String host) {
    long days = LIFETIME.toDays();
    HeldCertificate authority =
        new HeldCertificate.Builder()
            .certificateAuthority(0)
            .commonName("Trackunit Fabric stand-ins, made for one run")
            .duration(days, TimeUnit.DAYS)
            .build();
    HeldCertificate server =
        new HeldCertificate.Builder()
            .signedBy(authority)
            .commonName(host)
            .addSubjectAlternativeName(host)
            .addSubjectAlternativeName("127.0.0.1")
            .duration(days, TimeUnit.DAYS)
            .build();
    HandshakeCertificates handshake =
        new HandshakeCertificates.Builder()
            .heldCertificate(server, authority.certificate())
            .build();
    return new StandInTls(handshake.sslContext(), authority.certificate());
  }

  /** The first key of a PKCS #12 file; the last certificate of its chain is the authority. */
  static StandInTls of(Path keyStore, String password) {
    try (InputStream in = Files.newInputStream(keyStore)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password.toCharArray());
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)) {
          Certificate[] chain = store.getCertificateChain(alias);
          // PKCS #12 holds X.509 and nothing else.
          return new StandInTls(
              context(store, password), (X509Certificate) chain[chain.length - 1]);
        }
      }
      throw new IllegalArgumentException("key store " + keyStore + ": no key in it");
    } catch (IOException e) {
      throw new UncheckedIOException("key store " + keyStore + ": cannot be read", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("key store " + keyStore + ": not usable", e);
    }
  }

  /** Writes the authority's certificate as PEM (RFC 7468), for clients to trust. */
  void writeAuthorityTo(Path file) {
    try {
      String body =
          Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(authority.getEncoded());
      Files.writeString(
          file,
          "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n",
          StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException("CA file " + file + ": cannot be written", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the authority's certificate has no encoding", e);
    }
  }

  /** An HTTP client that trusts the authority and nobody else. */
  OkHttpClient client() {
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder().addTrustedCertificate(authority).build();
    return new OkHttpClient.Builder()
        .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
        .callTimeout(30, TimeUnit.SECONDS)
        .build();
  }

  private static SSLContext context(KeyStore store, String password)
      throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
