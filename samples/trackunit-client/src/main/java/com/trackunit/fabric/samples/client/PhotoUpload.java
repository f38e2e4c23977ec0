// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Deadline;
import com.trackunit.fabric.ingestion.CallOptions;
import com.trackunit.fabric.ingestion.IngestionException;
import com.trackunit.fabric.ingestion.IngestionUnavailableException;
import com.trackunit.fabric.ingestion.PhotoUnreadableException;
import com.trackunit.fabric.ingestion.PhotoUploader;
import com.trackunit.fabric.ingestion.StoredPhoto;
import com.trackunit.fabric.ingestion.UploadExpiredException;
import com.trackunit.fabric.ingestion.UploadHosts;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.net.URI;
import java.nio.file.Files;
import java.util.Set;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/** The PUT of a photo to its presigned URL, in the words of this client. */
final class PhotoUpload implements AutoCloseable {
  private final PhotoUploader uploader;

  /** Listed hosts may have any address; without a list any public host will do. */
  PhotoUpload(OkHttpClient trusting, Set<String> listed) {
    UploadHosts hosts =
        listed.isEmpty()
            ? UploadHosts.anyPublic()
            : UploadHosts.of().andPrivate(listed.toArray(String[]::new));
    PhotoUploader.Builder builder = PhotoUploader.builder(hosts);
    X509TrustManager trust = trusting.x509TrustManager();
    if (trust != null) {
      builder.trust(trust);
    }
    this.uploader = builder.build();
  }

  StoredPhoto put(Photo photo, String presignedUrl, Deadline deadline) {
    try {
      // The id is for messages alone, and this client's name no call.
      CallOptions options = CallOptions.of(CorrelationId.random()).deadline(deadline);
      return uploader.upload(url(presignedUrl), sdkPhoto(photo), options);
    } catch (IngestionException e) {
      throw new TrackunitClientException(reason(e), "photo upload: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    uploader.close();
  }

  private static URI url(String presignedUrl) {
    try {
      return URI.create(presignedUrl);
    } catch (IllegalArgumentException e) {
      // Its message holds the URL, a secret.
      throw new TrackunitClientException(
          Reason.PROTOCOL, "photo upload: the presigned URL is refused: it is no URL");
    }
  }

  private static com.trackunit.fabric.ingestion.Photo sdkPhoto(Photo photo) {
    return com.trackunit.fabric.ingestion.Photo.of(
        photo.filename(),
        photo.format().contentType(),
        photo.bytes(),
        () -> Files.newInputStream(photo.path()));
  }

  private static Reason reason(IngestionException e) {
    if (e instanceof IngestionUnavailableException unavailable) {
      return switch (unavailable.reason()) {
        case DEADLINE -> Reason.TIMEOUT;
        case INTERRUPTED -> Reason.INTERRUPTED;
        default -> Reason.UNREACHABLE;
      };
    }
    if (e instanceof PhotoUnreadableException) {
      return Reason.BAD_PHOTO;
    }
    return e instanceof UploadExpiredException ? Reason.REFUSED : Reason.PROTOCOL;
  }
}
