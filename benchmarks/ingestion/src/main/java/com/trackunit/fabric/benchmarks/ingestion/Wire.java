// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.trackunit.fabric.ingestion.Upload;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;

/** What a client written by hand has of the contract: the JSON as records, and an HTTP client. */
final class Wire {
  /**
   * Reads an answer to its end, as ours does. Retrofit's converter stops at the last brace
   * otherwise, and OkHttp then resets each HTTP/2 stream: 40 ms a call, until the server hangs up.
   */
  static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private Wire() {}

  record StartUpload(String filename, String contentType) {}

  record StartedUpload(String uploadId, String key, String putUrl, String expiresAt) {
    Upload toUpload() {
      return new Upload(
          uploadId, key, URI.create(putUrl), OffsetDateTime.parse(expiresAt).toInstant());
    }
  }

  record ConfirmUpload(String uploadId, long bytes, String checksum) {}

  record ConfirmedUpload(String status) {}

  /**
   * OkHttp as it comes, but for what lets all arms share connections: it would close those beyond
   * five whenever all are idle, and share none between clients that differ in how they connect.
   */
  static OkHttpClient http(HandshakeCertificates trust, Protocol protocol, int connections) {
    return new OkHttpClient.Builder()
        .connectionPool(new ConnectionPool(connections, 5, TimeUnit.MINUTES))
        .connectionSpecs(List.of(ConnectionSpec.MODERN_TLS))
        .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager())
        .protocols(
            protocol == Protocol.HTTP_1_1
                ? List.of(Protocol.HTTP_1_1)
                : List.of(protocol, Protocol.HTTP_1_1))
        .build();
  }

  static void close(OkHttpClient http) {
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
  }
}
