// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.samples.client.DeviceCodeLogin;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** The person of the demo: opens the page that a device-code login names, and types the code. */
final class DemoUser {
  private final HttpClient browser;

  DemoUser(HttpClient browser) {
    this.browser = browser;
  }

  /**
   * Approves a login.
   *
   * @throws DemoException if the page does not take the code
   */
  void approve(DeviceCodeLogin.Prompt prompt) {
    String form = "user_code=" + URLEncoder.encode(prompt.code(), StandardCharsets.UTF_8);
    HttpRequest request =
        HttpRequest.newBuilder(prompt.where())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    try {
      HttpResponse<Void> answer = browser.send(request, HttpResponse.BodyHandlers.discarding());
      if (answer.statusCode() != 200) {
        throw new DemoException("the sign-in page answered " + answer.statusCode());
      }
    } catch (IOException e) {
      throw new DemoException("the sign-in page did not answer: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DemoException("interrupted while signing in");
    }
  }
}
