// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhotoTest {
  @TempDir private Path folder;

  @Test
  void theFirstBytesTellTheFormat() throws IOException {
    assertThat(Photo.open(Photos.jpeg(folder)).format().contentType()).isEqualTo("image/jpeg");
    assertThat(Photo.open(Photos.png(folder)).format().contentType()).isEqualTo("image/png");
    Photo webp = Photo.open(Photos.webp(folder));
    assertThat(webp.format().contentType()).isEqualTo("image/webp");
    assertThat(webp.filename()).isEqualTo("digger.webp");
    assertThat(webp.bytes()).isEqualTo(Files.size(webp.path()));
  }

  @Test
  void aNameWithoutAnImagesExtensionIsNoObstacle() throws IOException {
    Path file = Files.copy(Photos.png(folder), folder.resolve("machine.7"));
    assertThat(Photo.open(file).format()).isEqualTo(Photo.Format.PNG);
  }

  @Test
  void whatIsNoPhotoIsRefusedWithItsReason() throws IOException {
    refused(folder.resolve("none.jpg"), "there is no such file");
    refused(folder, "it is not a file");
    refused(Photos.write(folder.resolve("empty.jpg"), new byte[0]), "the file is empty");
    refused(
        Photos.write(folder.resolve("text.jpg"), "hello, I am a text".getBytes(UTF_8)),
        "it is not an image");
    refused(Photos.write(folder.resolve("short.jpg"), new byte[] {(byte) 0xFF}), "not an image");
    refused(
        Files.copy(Photos.png(folder), folder.resolve("other.jpg")),
        "it is named like a JPEG but holds a PNG");
  }

  private static void refused(Path file, String why) {
    assertThatThrownBy(() -> Photo.open(file))
        .isInstanceOfSatisfying(
            TrackunitClientException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.BAD_PHOTO);
              assertThat(e).hasMessageContaining(why).hasMessageContaining(file.toString());
            });
  }
}
