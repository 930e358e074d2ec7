#!/bin/sh
# Sends a recording through tokens and back and says what that costs and what it keeps:
#
#     Tools/demo.sh CODETTA RECORDING FOLDER
#
# All numbers are read from what the command measures.
set -eu
codetta=$1 recording=$2 folder=$3
name=$(basename "$recording"); name=${name%.*}
tokens=$folder/$name.codetta decoded=$folder/$name-decoded.wav

mkdir -p "$folder"
"$codetta" encode "$recording" --bitrate 3 --entropy lm -o "$tokens" --force
"$codetta" decode "$tokens" -o "$decoded" --force
"$codetta" info "$tokens" --json > "$folder/info.json"
"$codetta" evaluate "$recording" "$decoded" --measures pesqWideband,stoi --json > "$folder/scores.json"

# The number after a key of a JSON document, the last one if the key comes several times; "none" where a measure has no value.
number() {
    awk -v key="\"$2\"" '
        index($0, key) { found = 1; sub(".*" key, "") }
        found && /undefined/ { value = "none"; found = 0 }
        found && /[{,]$/ && !/[0-9]/ { next }
        found { value = match($0, /-?[0-9][0-9.eE+-]*/) ? substr($0, RSTART, RLENGTH) : "none"; found = 0 }
        END { print value == "" ? "none" : value }' "$1"
}

# The token file beside the recording as 16-bit WAV: a header of 44 bytes, then 2 bytes per sample and channel.
awk -v rate="$(number "$folder/info.json" actualBitrate)" -v bytes="$(number "$folder/info.json" byteCount)" \
    -v samples="$(number "$folder/info.json" samples)" -v channels="$(number "$folder/info.json" channels)" -v seconds="$(number "$folder/info.json" duration)" \
    -v pesq="$(number "$folder/scores.json" pesqWideband)" -v stoi="$(number "$folder/scores.json" stoi)" \
    -v codetta="$codetta" -v recording="$recording" -v decoded="$decoded" 'BEGIN {
    wav = 44 + 2 * samples * channels
    printf "\nBitrate  %.1f kbit per second, container included; as 16-bit WAV the recording takes %.0f\n", rate / 1000, 8 * wav / seconds / 1000
    printf "Size     %.1f kB of tokens for %.1f s of speech; the WAV has %.0f kB, %.0f times as much\n", bytes / 1000, seconds, wav / 1000, wav / bytes
    printf "Quality  PESQ %s of 4.6 (how good it sounds), STOI %s of 1 (how well it is understood)\n", pesq == "none" ? pesq : sprintf("%.2f", pesq), stoi == "none" ? stoi : sprintf("%.2f", stoi)
    printf "Listen   %s, beside the original %s\n", decoded, recording
    printf "Next     %s roundtrip YOUR-RECORDING --bitrate 1.5; the README has more\n", codetta
}'
