// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.trackunit.fabric.benchmarks.ingestion.Wire.ConfirmUpload;
import com.trackunit.fabric.benchmarks.ingestion.Wire.ConfirmedUpload;
import com.trackunit.fabric.benchmarks.ingestion.Wire.StartUpload;
import com.trackunit.fabric.benchmarks.ingestion.Wire.StartedUpload;
import com.trackunit.fabric.ingestion.Upload;
import java.io.IOException;
import java.net.URI;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import retrofit2.Call;
import retrofit2.Response;
import retrofit2.Retrofit;
import retrofit2.converter.jackson.JacksonConverterFactory;
import retrofit2.http.Body;
import retrofit2.http.Header;
import retrofit2.http.Headers;
import retrofit2.http.POST;

/** The same client, declared instead of written. */
final class RetrofitArm implements Arm {
  /** The service as Retrofit wants it described. */
  interface Uploads {
    @Headers("Accept: application/json, application/problem+json")
    @POST("v1/uploads/start")
    Call<StartedUpload> start(
        @Header("X-Internal-Access") String key,
        @Header("x-correlation-id") String id,
        @Body StartUpload body);

    @Headers("Accept: application/json, application/problem+json")
    @POST("v1/uploads/confirm")
    Call<ConfirmedUpload> confirm(
        @Header("X-Internal-Access") String key,
        @Header("x-correlation-id") String id,
        @Body ConfirmUpload body);
  }

  private final String key;
  private final Uploads uploads;

  RetrofitArm(OkHttpClient http, URI base, String key) {
    this.key = key;
    this.uploads =
        new Retrofit.Builder()
            .baseUrl(base.toString())
            .client(http)
            .addConverterFactory(JacksonConverterFactory.create(Wire.MAPPER))
            .build()
            .create(Uploads.class);
  }

  @Override
  public String name() {
    return "retrofit";
  }

  @Override
  public Upload start() throws IOException {
    Call<StartedUpload> call =
        uploads.start(key, CORRELATION_ID, new StartUpload(FILENAME, CONTENT_TYPE));
    return answer(call, 200).toUpload();
  }

  @Override
  public String confirm(String uploadId) throws IOException {
    Call<ConfirmedUpload> call =
        uploads.confirm(key, CORRELATION_ID, new ConfirmUpload(uploadId, BYTES, CHECKSUM));
    return answer(call, 202).status();
  }

  private static <T> T answer(Call<T> call, int expected) throws IOException {
    Response<T> response = call.execute();
    @Nullable T body = response.body();
    if (response.code() != expected || body == null) {
      throw new IOException("status " + response.code());
    }
    return body;
  }
}
