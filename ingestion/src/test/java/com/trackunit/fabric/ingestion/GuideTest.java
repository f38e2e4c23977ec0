// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.core.Ticker;
import com.trackunit.fabric.core.TraceParent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What docs/guides/ingestion.md shows, run; that it is the same, ReadmesTest checks. */
class GuideTest {
  private final List<UploadStep> kept = new ArrayList<>();
  private long shown;

  @Test
  void anUploadGoesOnWhereItWasCut() throws IOException {
    try (FunnelServer funnel = FunnelServer.start();
        IngestionClient ingestion =
            funnel
                .builder()
                .uploadHosts(UploadHosts.of().andPrivate("localhost"))
                .retry(RetrySettings.none())
                .build()) {
      funnel.answer(
          200,
          "application/json",
          """
          {"uploadId":"u-1","key":"images/1.jpg","putUrl":"%s/1.jpg",
           "expiresAt":"2999-01-31T13:05:00Z"}"""
              .formatted(funnel.uri()));
      funnel.answer(503, "text/html", "");
      funnel.answer(200, "text/plain", "");
      funnel.answer(202, "application/json", "{\"status\":\"accepted\"}");

      UploadStep.Confirmed done =
          upload(
              ingestion,
              Photo.ofBytes("digger.jpg", "image/jpeg", new byte[] {1, 2, 3}),
              CorrelationId.random(),
              TraceParent.random());

      assertThat(done.status()).isEqualTo("accepted");
      assertThat(kept).hasSize(3).endsWith(done);
      assertThat(shown).isEqualTo(3);
    }
  }

  private UploadStep.Confirmed upload(
      IngestionClient ingestion, Photo photo, CorrelationId correlationId, TraceParent trace) {
    CallOptions options =
        CallOptions.of(correlationId)
            .trace(trace)
            .deadline(Deadline.after(Duration.ofMinutes(5), Ticker.system()))
            .onProgress((sent, total) -> show(sent, total))
            .onStep(step -> keep(step));
    try {
      return ingestion.uploadPhoto(photo, options);
    } catch (IngestionUnavailableException e) {
      waitFor(e.retryAfter());
      return ingestion.uploadPhoto(photo, e.reached().orElseThrow(), options);
    }
  }

  private void show(long sent, long total) {
    assertThat(sent).isLessThanOrEqualTo(total);
    shown = sent;
  }

  private void keep(UploadStep step) {
    kept.add(step);
  }

  private static void waitFor(Optional<Duration> asked) {
    assertThat(asked).as("the answer names no time").isEmpty();
  }
}
