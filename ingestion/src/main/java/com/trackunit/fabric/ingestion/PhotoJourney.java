// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.ingestion.IngestionUnavailableException.Reason;
import java.time.Clock;

/** One photo's way from step to step. Used by one thread. */
final class PhotoJourney {
  private final IngestionClient client;
  private final Clock clock;
  private final Photo photo;
  private final CallOptions options;
  private boolean hasStarted;
  private boolean hasStartedAnew;

  PhotoJourney(IngestionClient client, Clock clock, Photo photo, CallOptions options) {
    this.client = client;
    this.clock = clock;
    this.photo = photo;
    this.options = options;
  }

  UploadStep.Confirmed from(UploadStep begin) {
    UploadStep step = begin;
    while (true) {
      if (step instanceof UploadStep.Confirmed confirmed) {
        return confirmed;
      }
      step = next(step);
      options.steps().accept(step);
    }
  }

  private UploadStep next(UploadStep step) {
    try {
      if (step instanceof UploadStep.Stored stored) {
        return confirm(stored);
      }
      if (step instanceof UploadStep.Started started && !isStale(started.upload())) {
        return store(started);
      }
      return start();
    } catch (IngestionException e) {
      e.reached(step);
      throw e;
    } catch (IllegalStateException e) {
      if (!client.isClosed()) {
        throw e;
      }
      throw closedBetweenSteps(step);
    }
  }

  /** To begin with a closed client is misuse; to lose it on the way is an outcome. */
  private IngestionException closedBetweenSteps(UploadStep step) {
    IngestionException e =
        new IngestionUnavailableException(
            "ingestion photo (correlation id "
                + options.correlationId()
                + "): the client was closed before the upload was complete; go on from reached()",
            Reason.INTERRUPTED,
            null);
    e.reached(step);
    return e;
  }

  private UploadStep start() {
    hasStarted = true;
    return new UploadStep.Started(
        client.startUpload(photo.filename(), photo.contentType(), options));
  }

  private UploadStep store(UploadStep.Started started) {
    try {
      return new UploadStep.Stored(
          started.upload(), client.upload(started.upload(), photo, options));
    } catch (UploadExpiredException e) {
      if (hasStartedAnew) {
        throw e;
      }
      hasStartedAnew = true;
      return start();
    }
  }

  private UploadStep confirm(UploadStep.Stored stored) {
    String status =
        client.confirmUpload(
            stored.upload().uploadId(), stored.photo().bytes(), stored.photo().checksum(), options);
    return new UploadStep.Confirmed(stored.upload(), stored.photo(), status);
  }

  /**
   * Whether a leave from long ago is not worth a try. Only our clock says so: a new leave is not
   * judged by it, or a clock that is ahead would find each one stale.
   */
  private boolean isStale(Upload upload) {
    boolean isStale = !hasStarted && !clock.instant().isBefore(upload.expiresAt());
    hasStartedAnew |= isStale;
    return isStale;
  }
}
