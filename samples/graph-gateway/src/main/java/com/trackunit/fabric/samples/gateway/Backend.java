// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.ingestion.Upload;
import java.util.concurrent.CompletionStage;

/**
 * What the mutations do. The stages complete with a {@link FieldError} where the client may know
 * why something failed.
 */
interface Backend {
  /** Starts an upload that belongs to the caller from then on. */
  CompletionStage<Upload> startUpload(CallContext call, String filename, String contentType);

  /** Confirms an upload; the answer is the ingestion service's own word. */
  CompletionStage<String> confirmUpload(
      CallContext call, String uploadId, int bytes, String checksum);

  /** Asks for an analysis; the answer is the correlation id under which it runs. */
  CompletionStage<CorrelationId> requestAnalysis(CallContext call, String objectKey);
}
