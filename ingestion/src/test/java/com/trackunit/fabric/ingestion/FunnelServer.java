// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.Secret;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** What listens at the funnel's address: answers as it is told, over TLS. */
final class FunnelServer implements AutoCloseable {
  static final Secret KEY = Secret.of("top-secret-key");

  private final HeldCertificate authority =
      new HeldCertificate.Builder().certificateAuthority(0).build();
  private final MockWebServer server = new MockWebServer();
  private final OkHttpClient http;

  /** A server whose certificate is for a name. */
  FunnelServer(String certifiedName) throws IOException {
    HeldCertificate certificate =
        new HeldCertificate.Builder()
            .signedBy(authority)
            .addSubjectAlternativeName(certifiedName)
            .build();
    server.useHttps(
        new HandshakeCertificates.Builder()
            .heldCertificate(certificate)
            .build()
            .sslSocketFactory());
    server.start();
    HandshakeCertificates trust =
        new HandshakeCertificates.Builder().addTrustedCertificate(authority.certificate()).build();
    http =
        new OkHttpClient.Builder()
            .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
            .build();
  }

  static FunnelServer start() throws IOException {
    return new FunnelServer("localhost");
  }

  URI uri() {
    return URI.create("https://localhost:" + server.getPort());
  }

  OkHttpClient http() {
    return http;
  }

  /** A client that tries once. */
  IngestionClient client() {
    return client(Duration.ofSeconds(30));
  }

  IngestionClient client(Duration timeout) {
    return builder().timeout(timeout).retry(RetrySettings.none()).build();
  }

  IngestionClientBuilder builder() {
    return IngestionClient.builder(uri())
        .allowHost("localhost")
        .internalAccessKey(KEY)
        .httpClient(http);
  }

  void answer(MockResponse.Builder response) {
    server.enqueue(response.build());
  }

  void answer(int status, String contentType, String body) {
    answer(
        new MockResponse.Builder().code(status).setHeader("Content-Type", contentType).body(body));
  }

  RecordedRequest request() throws InterruptedException {
    RecordedRequest request = server.takeRequest(30, TimeUnit.SECONDS);
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  int requests() {
    return server.getRequestCount();
  }

  @Override
  public void close() {
    server.close();
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
  }
}
