// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.ingestion.IngestionClient;
import com.trackunit.fabric.ingestion.Upload;
import java.net.URI;
import okhttp3.OkHttpClient;

/** Ours, with everything it does by default: retries, breaker, budget, timeout, bounds, health. */
final class FabricArm implements Arm {
  private final IngestionClient client;

  FabricArm(OkHttpClient http, URI base, String key) {
    this.client =
        IngestionClient.builder(base)
            .allowHost(base.getHost())
            .internalAccessKey(Secret.of(key))
            .httpClient(http)
            .build();
  }

  @Override
  public String name() {
    return "ours";
  }

  @Override
  public Upload start() {
    return client.startUpload(FILENAME, CONTENT_TYPE, new CorrelationId(CORRELATION_ID));
  }

  @Override
  public String confirm(String uploadId) {
    return client.confirmUpload(uploadId, BYTES, CHECKSUM, new CorrelationId(CORRELATION_ID));
  }

  @Override
  public void close() {
    client.close();
  }
}
