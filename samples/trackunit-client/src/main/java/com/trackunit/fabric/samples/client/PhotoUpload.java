// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.net.Proxy;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.Buffer;
import okio.BufferedSink;
import okio.Okio;
import okio.Source;

/**
 * The PUT of a photo to its presigned URL, in one pass and constant memory: the checksum is of the
 * bytes that were sent. It has an HTTP client of its own: no redirect, no proxy, no token, no trace
 * header, and no URL in any error, for its query is a secret.
 */
final class PhotoUpload {
  private static final long CHUNK = 64 * 1024;

  private final OkHttpClient http;
  private final UploadHosts hosts;

  PhotoUpload(OkHttpClient base, UploadHosts hosts) {
    this.hosts = hosts;
    this.http =
        base.newBuilder()
            .dns(hosts)
            .proxy(Proxy.NO_PROXY)
            .followRedirects(false)
            .followSslRedirects(false)
            .addNetworkInterceptor(PhotoUpload::onlySignedHeaders)
            .build();
  }

  StoredPhoto put(Photo photo, String presignedUrl, Deadline deadline) {
    HttpUrl url = trusted(presignedUrl);
    PhotoBody body = new PhotoBody(photo);
    Call call = http.newCall(new Request.Builder().url(url).put(body).build());
    Deadlines.limit(call, "photo upload", deadline);
    try (Response response = call.execute()) {
      if (!response.isSuccessful()) {
        throw refused(url, response.code());
      }
      return body.stored();
    } catch (PhotoChangedException e) {
      throw new TrackunitClientException(
          Reason.BAD_PHOTO, "photo " + photo.path() + ": it changed while it was sent; try again");
    } catch (IOException e) {
      throw Deadlines.failed(
          "photo upload: the object store at " + url.host() + " did not take it", e, deadline);
    }
  }

  private HttpUrl trusted(String presignedUrl) {
    HttpUrl url = HttpUrl.parse(presignedUrl);
    String objection = url == null ? "it is no URL" : hosts.objectionTo(url);
    if (url == null || !objection.isEmpty()) {
      throw new TrackunitClientException(
          Reason.PROTOCOL, "photo upload: the presigned URL is refused: " + objection);
    }
    Set<String> signed = new HashSet<>(signedHeaders(url));
    signed.removeAll(List.of("host", "content-type", "content-length"));
    if (!signed.isEmpty()) {
      throw new TrackunitClientException(
          Reason.PROTOCOL,
          "photo upload: the presigned URL signs headers that this client does not send; expected"
              + " host, content-type or content-length");
    }
    return url;
  }

  private static List<String> signedHeaders(HttpUrl url) {
    String names = url.queryParameter("X-Amz-SignedHeaders");
    return names == null ? List.of() : List.of(names.toLowerCase(Locale.ROOT).split(";"));
  }

  /**
   * Takes away what OkHttp adds of its own. Content-Type stays though a URL may not sign it: the
   * ingestion contract asks for it.
   */
  private static Response onlySignedHeaders(Interceptor.Chain chain) throws IOException {
    return chain.proceed(
        chain
            .request()
            .newBuilder()
            .removeHeader("User-Agent")
            .removeHeader("Accept-Encoding")
            .build());
  }

  private static TrackunitClientException refused(HttpUrl url, int status) {
    String where = "photo upload: the object store at " + url.host() + " answered HTTP " + status;
    if (status >= 500) {
      return new TrackunitClientException(Reason.UNREACHABLE, where + "; try again later");
    }
    return new TrackunitClientException(
        Reason.REFUSED, where + "; the presigned URL has expired or was not made for this photo");
  }

  /** The file has fewer or more bytes than when it was looked at. */
  private static final class PhotoChangedException extends EOFException {
    private static final long serialVersionUID = 1L;
  }

  /** Streams the file once and digests what it streams. */
  private static final class PhotoBody extends RequestBody {
    private final Photo photo;
    private final MessageDigest digest;
    private long sent;

    PhotoBody(Photo photo) {
      this.photo = photo;
      try {
        this.digest = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every Java platform has SHA-256", e);
      }
    }

    StoredPhoto stored() throws PhotoChangedException {
      if (sent != photo.bytes()) {
        throw new PhotoChangedException();
      }
      return new StoredPhoto(sent, "sha256:" + HexFormat.of().formatHex(digest.digest()));
    }

    @Override
    public MediaType contentType() {
      return MediaType.get(photo.format().contentType());
    }

    @Override
    public long contentLength() {
      return photo.bytes();
    }

    /** A digest counts each byte once: OkHttp must not send the body again on its own. */
    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      try (Source file = Okio.source(Files.newInputStream(photo.path()))) {
        Buffer chunk = new Buffer();
        while (file.read(chunk, CHUNK) != -1) {
          sent += chunk.size();
          if (sent > photo.bytes()) {
            throw new PhotoChangedException();
          }
          byte[] bytes = chunk.readByteArray();
          digest.update(bytes);
          sink.write(bytes);
        }
      }
      if (sent != photo.bytes()) {
        throw new PhotoChangedException();
      }
    }
  }
}
