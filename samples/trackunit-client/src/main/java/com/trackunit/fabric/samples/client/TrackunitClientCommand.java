// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.EnvironmentException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The command {@code trackunit-client <photo>}: a line per hop on standard output, errors on
 * standard error. Its settings are the environment variables in {@link ClientSettings}.
 *
 * <p>Exit codes: {@value #OK} the photo came back, {@value #FAILED} it did not, {@value #BAD_INPUT}
 * the photo, the arguments or the environment are not usable; then nothing was sent.
 */
public final class TrackunitClientCommand {
  /** The photo came back as an answer. */
  public static final int OK = 0;

  /** It did not. */
  public static final int FAILED = 1;

  /** What was given is not usable; nothing was sent. */
  public static final int BAD_INPUT = 2;

  private static final String USAGE =
      "usage: trackunit-client <photo>   (a JPEG, PNG or WebP file; settings: see README.md)";

  private TrackunitClientCommand() {}

  /**
   * Runs the command and ends the JVM with its exit code.
   *
   * @param arguments the photo's path
   */
  public static void main(String[] arguments) {
    System.exit(run(arguments, Environment.system(), System.out, System.err));
  }

  static int run(String[] arguments, Environment environment, PrintStream out, PrintStream err) {
    if (arguments.length != 1 || arguments[0].startsWith("--")) {
      err.println(USAGE);
      return BAD_INPUT;
    }
    try {
      // The photo first: a wrong one should not cost a sign-in.
      Path file = Path.of(arguments[0]);
      TrackunitClient.checkPhoto(file);
      ClientSettings settings = ClientSettings.read(environment);
      return send(file, settings, out);
    } catch (InvalidPathException e) {
      err.println("error: photo: no path of this system");
      return BAD_INPUT;
    } catch (EnvironmentException | IllegalArgumentException e) {
      err.println("error: " + e.getMessage());
      return BAD_INPUT;
    } catch (TrackunitClientException e) {
      err.println("error: " + e.getMessage());
      return e.reason() == Reason.BAD_PHOTO ? BAD_INPUT : FAILED;
    } catch (FabricException e) {
      err.println("error: " + e.getMessage());
      return FAILED;
    }
  }

  private static int send(Path file, ClientSettings settings, PrintStream out) {
    TokenSource tokens =
        settings.tokens(
            prompt ->
                out.println(
                    "To sign in, open "
                        + prompt.where()
                        + " and enter the code "
                        + prompt.code()
                        + " within "
                        + prompt.within().toMinutes()
                        + " minutes."));
    try (TrackunitClient client = settings.client(tokens)) {
      var unused = client.send(file, out::println);
      return OK;
    }
  }
}
