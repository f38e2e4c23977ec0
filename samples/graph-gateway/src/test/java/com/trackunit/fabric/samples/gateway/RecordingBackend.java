// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.Upload;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A backend that answers at once and keeps what it was asked. */
final class RecordingBackend implements Backend {
  static final String PUT_URL = "https://store.example/images/1.jpg?X-Amz-Signature=secret";

  final List<String> calls = new CopyOnWriteArrayList<>();

  @Override
  public CompletionStage<Upload> startUpload(
      CallContext call, String filename, String contentType) {
    calls.add("start " + filename + " " + contentType + " " + call.correlation());
    if (filename.equals("boom")) {
      throw new IllegalStateException("password=hunter2");
    }
    if (contentType.equals("text/plain")) {
      return CompletableFuture.failedFuture(
          new FieldError("UPLOAD_REJECTED", "the upload was refused", false));
    }
    return CompletableFuture.completedFuture(
        new Upload("u-1", "images/1.jpg", URI.create(PUT_URL), Instant.EPOCH));
  }

  @Override
  public CompletionStage<String> confirmUpload(
      CallContext call, String uploadId, int bytes, String checksum) {
    calls.add("confirm " + uploadId + " " + bytes + " " + call.correlation());
    return CompletableFuture.completedFuture("accepted");
  }

  @Override
  public CompletionStage<CorrelationId> requestAnalysis(CallContext call, String objectKey) {
    calls.add("request " + objectKey);
    return CompletableFuture.completedFuture(call.correlation());
  }
}
