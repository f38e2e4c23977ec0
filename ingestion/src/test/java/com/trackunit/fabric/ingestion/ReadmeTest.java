// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of the README, run; that they are the same, ReadmesTest checks for all modules. */
class ReadmeTest {
  @Test
  void theyUploadAPhoto(@TempDir Path folder) throws IOException {
    Path file = Files.write(folder.resolve("digger.jpg"), new byte[] {1, 2, 3});
    try (FunnelServer funnel = FunnelServer.start()) {
      funnel.answer(
          200,
          "application/json",
          """
          {"uploadId":"u-1","key":"images/2026/01/31/1.jpg",
           "putUrl":"%s/1.jpg","expiresAt":"2026-01-31T13:05:00Z"}"""
              .formatted(funnel.uri()));
      funnel.answer(200, "text/plain", "");
      funnel.answer(202, "application/json", "{\"status\":\"accepted\"}");

      assertThat(upload(funnel.uri(), funnel.http(), Secret.of("top-secret-key"), file).status())
          .isEqualTo("accepted");
    }
  }

  private static UploadStep.Confirmed upload(URI address, OkHttpClient http, Secret key, Path file)
      throws IOException {
    CorrelationId correlationId = CorrelationId.random();
    try (IngestionClient ingestion =
        IngestionClient.builder(address)
            .allowHost("localhost")
            .uploadHosts(UploadHosts.of("photos.example").andPrivate("localhost"))
            .internalAccessKey(key)
            .httpClient(http)
            .build()) {
      return ingestion.uploadPhoto(Photo.ofFile(file, "image/jpeg"), CallOptions.of(correlationId));
    }
  }
}
