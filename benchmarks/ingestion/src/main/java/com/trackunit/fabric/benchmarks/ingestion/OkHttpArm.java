// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.trackunit.fabric.benchmarks.ingestion.Wire.ConfirmUpload;
import com.trackunit.fabric.benchmarks.ingestion.Wire.ConfirmedUpload;
import com.trackunit.fabric.benchmarks.ingestion.Wire.StartUpload;
import com.trackunit.fabric.benchmarks.ingestion.Wire.StartedUpload;
import com.trackunit.fabric.ingestion.Upload;
import java.io.IOException;
import java.net.URI;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * A client written by hand: one OkHttp call, a look at the status, Jackson both ways. Like ours it
 * knows its two addresses beforehand.
 */
final class OkHttpArm implements Arm {
  private static final MediaType JSON = MediaType.get("application/json");

  private final String name;
  private final OkHttpClient http;
  private final String key;
  private final HttpUrl start;
  private final HttpUrl confirm;

  OkHttpArm(String name, OkHttpClient http, URI base, String key) {
    this.name = name;
    this.http = http;
    this.key = key;
    this.start = HttpUrl.get(base + "v1/uploads/start");
    this.confirm = HttpUrl.get(base + "v1/uploads/confirm");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Upload start() throws IOException {
    return post(start, new StartUpload(FILENAME, CONTENT_TYPE), 200, StartedUpload.class)
        .toUpload();
  }

  @Override
  public String confirm(String uploadId) throws IOException {
    ConfirmUpload body = new ConfirmUpload(uploadId, BYTES, CHECKSUM);
    return post(confirm, body, 202, ConfirmedUpload.class).status();
  }

  private <T> T post(HttpUrl url, Object body, int expected, Class<T> type) throws IOException {
    Request request =
        new Request.Builder()
            .url(url)
            .header("Accept", "application/json, application/problem+json")
            .header("X-Internal-Access", key)
            .header("x-correlation-id", CORRELATION_ID)
            .post(RequestBody.create(Wire.MAPPER.writeValueAsBytes(body), JSON))
            .build();
    try (Response response = http.newCall(request).execute()) {
      if (response.code() != expected) {
        throw new IOException(url + ": status " + response.code());
      }
      return Wire.MAPPER.readValue(response.body().bytes(), type);
    }
  }
}
