// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import java.io.IOException;
import java.net.URI;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
class ReadmeTest {
  @Test
  void theyStartAndConfirmAnUpload() throws IOException {
    try (FunnelServer funnel = FunnelServer.start()) {
      funnel.answer(
          200,
          "application/json",
          """
          {"uploadId":"u-1","key":"images/2026/01/31/1.jpg",
           "putUrl":"https://store.example/1.jpg","expiresAt":"2026-01-31T13:05:00Z"}""");
      funnel.answer(202, "application/json", "{\"status\":\"accepted\"}");

      use(funnel.uri(), funnel.http(), Secret.of("top-secret-key"), 4_000, "sha256:ab");
    }
  }

  private static void use(URI address, OkHttpClient http, Secret key, long bytes, String checksum) {
    CorrelationId correlationId = CorrelationId.random();
    try (IngestionClient ingestion =
        IngestionClient.builder(address).internalAccessKey(key).httpClient(http).build()) {
      Upload upload = ingestion.startUpload("digger.jpg", "image/jpeg", correlationId);
      String status = ingestion.confirmUpload(upload.uploadId(), bytes, checksum, correlationId);
      assertThat(status).isEqualTo("accepted");
    }
  }
}
